package dev.rollcall.registry;

class InMemoryLivenessTest extends LivenessSuite {}
