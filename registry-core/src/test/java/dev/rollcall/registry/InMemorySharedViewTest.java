package dev.rollcall.registry;

class InMemorySharedViewTest extends SharedViewSuite {}
