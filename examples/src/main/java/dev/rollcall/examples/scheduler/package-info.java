/**
 * A job scheduler, a host application of realistic size: workers register, an elected leader hands out jobs over those that fit, and whoever has a job writes
 * its result only while it has it. Wired by Guice; the store is one URL.
 *
 * <p>Begin with {@link dev.rollcall.examples.scheduler.SchedulerModule}; {@code examples/README.md} tells the story.
 */
@NullMarked
package dev.rollcall.examples.scheduler;

import org.jspecify.annotations.NullMarked;
