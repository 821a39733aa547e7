package dev.rollcall.checks;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/** Holds if no visible method declares {@code Exception} or {@code Throwable}, which tell a caller nothing. */
final class ThrowsNamedExceptions extends ArchCondition<JavaClass> {
    ThrowsNamedExceptions() {
        super("declare no more general exception than a caller can handle");
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        if (!Signatures.isVisible(type)) {
            return;
        }
        Signatures.visibleMembers(type)
                .filter(JavaCodeUnit.class::isInstance)
                .map(JavaCodeUnit.class::cast)
                .filter(ThrowsNamedExceptions::throwsAnything)
                .forEach(method -> events.add(
                        SimpleConditionEvent.violated(type, method.getFullName() + " throws Exception or Throwable")));
    }

    private static boolean throwsAnything(JavaCodeUnit method) {
        return method.getExceptionTypes().stream()
                .anyMatch(thrown -> thrown.isEquivalentTo(Exception.class) || thrown.isEquivalentTo(Throwable.class));
    }
}
