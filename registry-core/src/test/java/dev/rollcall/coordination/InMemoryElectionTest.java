package dev.rollcall.coordination;

class InMemoryElectionTest extends ElectionSuite {}
