package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrpcChatterTest {
    private final Logger around = Logger.getLogger("dev.rollcall.etcd.chatter-test");
    private final Logger logger = Logger.getLogger("dev.rollcall.etcd.chatter-test.below");

    @AfterEach
    void forget() {
        around.setLevel(null);
        logger.setLevel(null);
    }

    @Test
    void isQuietUnlessTheHostHasSaidOtherwise() {
        GrpcChatter.quiet(logger, Level.WARNING);
        assertThat(logger.isLoggable(Level.INFO)).isFalse();
        assertThat(logger.isLoggable(Level.WARNING)).isTrue();
        assertThat(around.getLevel()).isNull();
    }

    @Test
    void aLevelOfTheHostStays() {
        around.setLevel(Level.FINE);
        GrpcChatter.quiet(logger, Level.WARNING);
        assertThat(logger.getLevel()).isNull();
        logger.setLevel(Level.FINEST);
        around.setLevel(null);
        GrpcChatter.quiet(logger, Level.WARNING);
        assertThat(logger.getLevel()).isEqualTo(Level.FINEST);
    }
}
