package dev.rollcall.inmemory.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackendProvider;
import dev.rollcall.tck.KitLauncher;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.Status;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That no provider is accused which is right in a way of its own. */
class RightProviderTest {
    static List<KvBackendProvider> right() {
        return List.of(new UrlMutants.Provider(), new UrlMutants.Provider() {
            @Override
            public void check(BackendUrl url) {
                // As much as can be told by one that has to be reached for the rest.
                super.check(url);
            }

            @Override
            void options(BackendUrl url) {
                super.options(url);
                if (url.user().isPresent()) {
                    throw new IllegalArgumentException("This store has no users, but the URL names '"
                            + url.user().orElseThrow() + "'.");
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("right")
    void rightProviderIsNotAccused(KvBackendProvider provider) throws InterruptedException {
        ConformanceReport report = KitLauncher.of(new MutantFixture("none", () -> Forwarding::new, provider))
                .with(KitSettings.fromEnvironment().withTimeScale(0.25))
                .only(Set.of("URL"))
                .besideOthers()
                .run();
        assertThat(report.tests(Status.VERIFIED)).hasSize(3);
        assertThat(report.tests(Status.FAILED)).isEmpty();
    }
}
