package dev.rollcall.coordination;

class InMemoryLockTest extends LockSuite {}
