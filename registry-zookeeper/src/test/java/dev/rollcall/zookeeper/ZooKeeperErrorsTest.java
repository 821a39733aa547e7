package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.UnsupportedCapabilityException;
import dev.rollcall.zookeeper.ZooKeeperErrors.Remedy;
import org.apache.zookeeper.KeeperException.Code;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ZooKeeperErrorsTest {
    private static final Context CONTEXT = new Context("zookeeper://h/r", "put", "/k");

    @ParameterizedTest
    @CsvSource({
        "BADVERSION, LOOK_AGAIN",
        "NONODE, LOOK_AGAIN",
        "NODEEXISTS, LOOK_AGAIN",
        "NOTEMPTY, LOOK_AGAIN",
        "NOAUTH, FAIL",
        "NOCHILDRENFOREPHEMERALS, FAIL",
        "INVALIDACL, FAIL",
        "QUOTAEXCEEDED, FAIL",
        "RUNTIMEINCONSISTENCY, FAIL",
        "SYSTEMERROR, FAIL"
    })
    void refusedOperationIsLookedAtAgainOnlyIfSomebodyElseWasFaster(Code code, Remedy remedy) {
        assertThat(ZooKeeperErrors.remedy(code)).isEqualTo(remedy);
    }

    @ParameterizedTest
    @CsvSource({
        "CONNECTIONLOSS, true",
        "SESSIONEXPIRED, true",
        "SESSIONMOVED, true",
        "OPERATIONTIMEOUT, true",
        "REQUESTTIMEOUT, true",
        "NOTREADONLY, true",
        "NOAUTH, false",
        "AUTHFAILED, false",
        "MARSHALLINGERROR, false",
        "NONODE, false"
    })
    void readIsRepeatedOnlyAfterWhatPasses(Code code, boolean passes) {
        assertThat(ZooKeeperErrors.passes(code)).isEqualTo(passes);
    }

    @ParameterizedTest
    @CsvSource({
        "NOAUTH, access, false",
        "AUTHFAILED, access, false",
        "SESSIONCLOSEDREQUIRESASLAUTH, access, false",
        "INVALIDACL, access, false",
        "NOCHILDRENFOREPHEMERALS, capability, false",
        "QUOTAEXCEEDED, other, true",
        "THROTTLEDOP, unavailable, true",
        "CONNECTIONLOSS, unavailable, true",
        "SESSIONMOVED, unavailable, true",
        "SYSTEMERROR, other, false",
        "MARSHALLINGERROR, other, false"
    })
    void refusalBecomesTheExceptionThatACallerActsOn(Code code, String kind, boolean retryable) {
        Class<? extends KvException> type = switch (kind) {
            case "access" -> AccessDeniedException.class;
            case "capability" -> UnsupportedCapabilityException.class;
            case "unavailable" -> UnavailableException.class;
            default -> KvException.class;
        };
        KvException failure = ZooKeeperErrors.refused(CONTEXT, code);
        assertThat(failure).isExactlyInstanceOf(type);
        assertThat(failure.isRetryable()).isEqualTo(retryable);
    }

    @ParameterizedTest
    @EnumSource(Code.class)
    void everyRefusalSaysNotAppliedInASentence(Code code) {
        KvException failure = code == Code.OK
                ? ZooKeeperErrors.lost(CONTEXT, Code.CONNECTIONLOSS)
                : ZooKeeperErrors.refused(CONTEXT, code);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
        assertThat(failure)
                .hasMessageStartingWith("put of '/k' on zookeeper://h/r failed: ")
                .hasMessageEndingWith(".");
    }

    @ParameterizedTest
    @EnumSource(
            value = Code.class,
            names = {"CONNECTIONLOSS", "SESSIONEXPIRED"})
    void whatNobodyCanTellIsUnknownAndNotRetryable(Code code) {
        KvException failure = ZooKeeperErrors.unknown(CONTEXT, code);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(failure.isRetryable()).isFalse();
    }
}
