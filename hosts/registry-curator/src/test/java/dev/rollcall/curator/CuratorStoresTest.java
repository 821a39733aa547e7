package dev.rollcall.curator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.imps.DefaultACLProvider;
import org.apache.curator.framework.imps.GzipCompressionProvider;
import org.apache.curator.framework.schema.SchemaSet;
import org.apache.curator.framework.state.SessionConnectionStateErrorPolicy;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.utils.NonAdminZookeeperFactory;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is read from a builder, without a server. */
class CuratorStoresTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static CuratorFrameworkFactory.Builder local() {
        return CuratorFrameworkFactory.builder().connectString("127.0.0.1:1");
    }

    private static String nameOf(CuratorFrameworkFactory.Builder builder, String root) {
        try (KvBackend store = CuratorStores.open(builder, Directory.of(root), TIMEOUT)) {
            return store.name();
        }
    }

    private static void refused(CuratorFrameworkFactory.Builder builder, String root, String... reasons) {
        assertThatThrownBy(() -> CuratorStores.open(builder, Directory.of(root), TIMEOUT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(reasons);
    }

    @Test
    void chrootNamespaceAndRootAreWhatStandsBeforeEachKey() {
        assertThat(nameOf(local(), "/app")).isEqualTo("zookeeper://127.0.0.1:1/app");
        assertThat(nameOf(local().namespace("ns"), "/")).isEqualTo("zookeeper://127.0.0.1:1/ns");
        assertThat(nameOf(local().connectString("127.0.0.1:1,[::1]:2/ch/root").namespace("ns"), "/app"))
                .isEqualTo("zookeeper://127.0.0.1:1,[::1]:2/ch/root/ns/app");
        refused(local(), "/", "needs a root, such as /app");
        refused(local(), "/zookeeper", "belongs to ZooKeeper itself");
    }

    @Test
    void ensembleMustNameSomebody() {
        refused(CuratorFrameworkFactory.builder(), "/app", "names no ensemble", "connectString");
        refused(local().connectString(" "), "/app", "no connection string", "start it");
        refused(local().connectString("ho|st:1"), "/app", "ho|st");
    }

    @Test
    void membersAreThoseOfTheConnectionStringOfNowBelowTheSamePath() {
        AtomicReference<String> text = new AtomicReference<>("a:1,[::1]:2,c/ch");
        ConnectionString ensemble = new ConnectionString(text::get);
        assertThat(ensemble.chroot()).isEqualTo("/ch");
        assertThat(ensemble.members()).containsExactly("a:1", "[::1]:2", "c:2181");
        text.set("d:3/ch");
        assertThat(ensemble.members()).containsExactly("d:3");
        text.set("d:3/other");
        assertThatIllegalArgumentException()
                .isThrownBy(ensemble::members)
                .withMessageContaining("'/other' now, and was '/ch'");
        text.set(null);
        assertThatIllegalArgumentException()
                .isThrownBy(ensemble::members)
                .withMessageContaining("no connection string");
    }

    @Test
    void timeoutsAreTakenOver() {
        refused(local().sessionTimeoutMs(0), "/app", "session timeout", "PT0S");
        refused(local().connectionTimeoutMs(-1), "/app", "connection timeout", "PT-0.001S");
    }

    @Test
    void whatHasNoEffectIsNamed() {
        assertThat(IgnoredSetting.of(local().namespace("ns")
                        .sessionTimeoutMs(1)
                        .connectionTimeoutMs(1)
                        .ensembleTracker(false)
                        .authorization("digest", new byte[0])
                        .aclProvider(new DefaultACLProvider())
                        .zkClientConfig(new ZKClientConfig())))
                .isEmpty();
        assertThat(IgnoredSetting.of(local().retryPolicy(new RetryOneTime(1))
                        .enableCompression()
                        .compressionProvider(new GzipCompressionProvider())
                        .defaultData(new byte[0])
                        .canBeReadOnly(true)
                        .dontUseContainerParents()
                        .schemaSet(new SchemaSet(List.of(), false))
                        .threadFactory(Thread::new)
                        .runSafeService(Runnable::run)
                        .zookeeperFactory(new NonAdminZookeeperFactory())
                        .connectionStateErrorPolicy(new SessionConnectionStateErrorPolicy())
                        .waitForShutdownTimeoutMs(7)
                        .maxCloseWaitMs(7)
                        .simulatedSessionExpirationPercent(7)))
                .containsExactly(
                        "retryPolicy",
                        "enableCompression",
                        "compressionProvider",
                        "defaultData",
                        "canBeReadOnly",
                        "dontUseContainerParents",
                        "schemaSet",
                        "threadFactory",
                        "runSafeService",
                        "zookeeperFactory",
                        "connectionStateErrorPolicy",
                        "waitForShutdownTimeoutMs",
                        "maxCloseWaitMs",
                        "simulatedSessionExpirationPercent");
    }

    @Test
    void storesOfCertificatesThatCannotBeUsedAreRefused() {
        ZKClientConfig settings = new ZKClientConfig();
        settings.setProperty("zookeeper.client.secure", "true");
        settings.setProperty(
                "zookeeper.ssl.trustStore.location", Path.of("no", "such.pem").toString());
        settings.setProperty("zookeeper.ssl.trustStore.password", "s3cret");
        assertThatThrownBy(() -> CuratorStores.open(local().zkClientConfig(settings), Directory.of("/app"), TIMEOUT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("zookeeper.ssl.trustStore")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void providerIsAskedForThePathThatTheClientKnows() {
        ACLProvider provider = new ACLProvider() {
            @Override
            public List<ACL> getDefaultAcl() {
                return Ids.OPEN_ACL_UNSAFE;
            }

            @Override
            public @Nullable List<ACL> getAclForPath(String path) {
                return path.equals("/ns/app") ? Ids.READ_ACL_UNSAFE : null;
            }
        };
        CuratorAccess access = new CuratorAccess(provider, "/ch");
        assertThat(access.of("/ch")).isEqualTo(Ids.OPEN_ACL_UNSAFE);
        assertThat(access.of("/chalk")).isEqualTo(Ids.OPEN_ACL_UNSAFE);
        assertThat(access.of("/ch/ns")).isEqualTo(Ids.OPEN_ACL_UNSAFE);
        assertThat(access.of("/ch/ns/app")).isEqualTo(Ids.READ_ACL_UNSAFE);
    }

    @Test
    void clientThatIsNotStartedIsRefused() {
        CuratorFramework client = local().retryPolicy(new RetryOneTime(1)).build();
        assertThatThrownBy(() ->
                        CuratorStores.open(client, Directory.of("/app"), TIMEOUT, List.of(), new DefaultACLProvider()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Start it");
    }
}
