package dev.rollcall.tck;

import dev.rollcall.kv.Capability;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The test uses a capability; where it is not declared, the kit asserts instead that its use is refused and has no other effect. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Requires {
    /** The capability. */
    Capability value();
}
