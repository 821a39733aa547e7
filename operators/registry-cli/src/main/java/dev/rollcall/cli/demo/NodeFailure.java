package dev.rollcall.cli.demo;

/**
 * Why a node of the demo is not there and will not come by itself.
 *
 * @param reason for people, on one line
 * @param code the exit code that says the same
 */
record NodeFailure(String reason, int code) {}
