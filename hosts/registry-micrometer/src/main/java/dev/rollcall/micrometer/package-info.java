/**
 * Metrics of stores and views through Micrometer, for whoever asks for them: {@link dev.rollcall.micrometer.MeteredBackend} wraps any backend, {@link
 * dev.rollcall.micrometer.ViewMeters} looks at a view.
 *
 * <p>Nothing else knows this package, so that who does not want metrics pays nothing and needs no library for them.
 */
@NullMarked
package dev.rollcall.micrometer;

import org.jspecify.annotations.NullMarked;
