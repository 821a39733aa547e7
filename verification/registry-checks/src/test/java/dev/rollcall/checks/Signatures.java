package dev.rollcall.checks;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.stream.Stream;

/** Holds if nothing that a user of a class can see, type arguments included, is of an unwanted type. */
final class Signatures extends ArchCondition<JavaClass> {
    private final DescribedPredicate<JavaClass> unwanted;

    Signatures(String description, DescribedPredicate<JavaClass> unwanted) {
        super("not " + description);
        this.unwanted = unwanted;
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        if (!isVisible(type)) {
            return;
        }
        Stream<JavaType> parents = Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
        parents.flatMap(parent -> parent.getAllInvolvedRawTypes().stream())
                .forEach(used -> judge(type, type.getName(), used, events));
        type.getTypeParameters().stream()
                .flatMap(parameter -> parameter.getAllInvolvedRawTypes().stream())
                .forEach(used -> judge(type, type.getName(), used, events));
        visibleMembers(type).forEach(member -> {
            Set<JavaClass> involved = member.getAllInvolvedRawTypes();
            involved.forEach(used -> judge(type, member.getFullName(), used, events));
        });
    }

    private void judge(JavaClass type, String where, JavaClass used, ConditionEvents events) {
        if (unwanted.test(used)) {
            events.add(SimpleConditionEvent.violated(type, where + " exposes " + used.getName()));
        }
    }

    /** Whether a class and all that enclose it can be named from another package. */
    static boolean isVisible(JavaClass type) {
        return isOpen(type.getModifiers())
                && type.getEnclosingClass().map(Signatures::isVisible).orElse(true);
    }

    /** The members of a class that are part of its API. */
    static Stream<JavaMember> visibleMembers(JavaClass type) {
        return type.getMembers().stream().filter(member -> isOpen(member.getModifiers()));
    }

    private static boolean isOpen(Set<JavaModifier> modifiers) {
        return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }
}
