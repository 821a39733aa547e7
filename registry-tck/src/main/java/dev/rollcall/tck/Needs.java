package dev.rollcall.tck;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The test makes something go wrong, for which it needs these hooks. Without them its rules stay not verified, and say so in the report;
 * the test passes only if the fixture {@linkplain BackendFixture#absentHooks() declares} that it cannot give them.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Needs {
    /** The hooks. */
    Hook[] value();
}
