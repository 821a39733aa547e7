package dev.rollcall.registry;

class InMemoryHealingTest extends HealingSuite {}
