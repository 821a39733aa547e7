/** Tests about the whole house: directions, names, sizes, and that nothing is skipped. */
@NullMarked
package dev.rollcall.checks;

import org.jspecify.annotations.NullMarked;
