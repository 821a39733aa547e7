<#--
  The page docs/dependencies.md. The build finds the artifacts and their licences; the reasons are written here.
-->
<#assign reasons = {
  "com.fasterxml.jackson.core:jackson-annotations": "part of Jackson's databind",
  "com.fasterxml.jackson.core:jackson-core": "part of Jackson's databind",
  "com.fasterxml.jackson.core:jackson-databind": "registry-core, kit and command: JSON of an application's records, histories and results. 2.16 or newer",
  "com.fasterxml.jackson.datatype:jackson-datatype-jdk8": "registry-core: `Optional` in an application's records",
  "com.google.android:annotations": "gRPC asks for it",
  "com.google.api.grpc:proto-google-common-protos": "gRPC's protobuf asks for it: the details of an error",
  "com.google.code.findbugs:jsr305": "gRPC asks for it: annotations",
  "com.google.code.gson:gson": "gRPC asks for it: its service configuration",
  "com.google.errorprone:error_prone_annotations": "gRPC and Guava ask for it: annotations",
  "com.google.guava:failureaccess": "part of Guava",
  "com.google.guava:guava": "gRPC and Guice need it. gRPC asks for that of Android, on which Guice's error texts fail, so registry-etcd and registry-guice name that of the JVM",
  "com.google.guava:listenablefuture": "part of Guava, empty",
  "com.google.inject:guice": "registry-guice: what stores are bound in",
  "com.google.j2objc:j2objc-annotations": "Guava asks for it: annotations",
  "com.google.protobuf:protobuf-java": "registry-etcd: what etcd's messages are made of",
  "aopalliance:aopalliance": "Guice asks for it",
  "commons-io:commons-io": "ZooKeeper asks for it",
  "info.picocli:picocli": "the command: arguments, help and completion",
  "io.etcd:jetcd-grpc": "registry-etcd: etcd's messages and stubs, and nothing that it brings (decision 0030)",
  "io.grpc:grpc-api": "part of gRPC",
  "io.grpc:grpc-context": "part of gRPC",
  "io.grpc:grpc-core": "part of gRPC",
  "io.grpc:grpc-netty-shaded": "registry-etcd: the channel, with a Netty of its own that no other can disturb; it is most of the size",
  "io.grpc:grpc-protobuf": "registry-etcd: messages as gRPC sends them",
  "io.grpc:grpc-protobuf-lite": "part of gRPC's protobuf",
  "io.grpc:grpc-stub": "registry-etcd: calls, and what jetcd's stubs are made of",
  "io.grpc:grpc-util": "part of gRPC",
  "io.micrometer:micrometer-commons": "part of Micrometer",
  "io.micrometer:micrometer-core": "registry-micrometer: what keeps the measurements",
  "io.micrometer:micrometer-observation": "part of Micrometer",
  "io.perfmark:perfmark-api": "gRPC asks for it",
  "jakarta.inject:jakarta.inject-api": "Guice asks for it: annotations",
  "org.apache.yetus:audience-annotations": "ZooKeeper asks for it: annotations",
  "org.apache.zookeeper:zookeeper": "registry-zookeeper: the client",
  "org.apache.zookeeper:zookeeper-jute": "part of ZooKeeper",
  "org.apiguardian:apiguardian-api": "JUnit asks for it: annotations",
  "org.assertj:assertj-core": "the kit: its assertions",
  "net.bytebuddy:byte-buddy": "AssertJ asks for it",
  "org.checkerframework:checker-qual": "Guava asks for it: annotations",
  "org.codehaus.mojo:animal-sniffer-annotations": "gRPC asks for it: annotations",
  "org.hdrhistogram:HdrHistogram": "Micrometer asks for it",
  "org.latencyutils:LatencyUtils": "Micrometer asks for it",
  "org.eclipse.jetty:jetty-http": "part of Jetty's server",
  "org.eclipse.jetty:jetty-io": "part of Jetty's server",
  "org.eclipse.jetty:jetty-server": "registry-console: the HTTP server (decision 0115)",
  "org.eclipse.jetty:jetty-util": "part of Jetty's server",
  "org.jline:jline-native": "part of JLine",
  "org.jline:jline-terminal": "the command: whether there is a terminal, how wide it is, and what changed on it",
  "org.jspecify:jspecify": "registry-api: nullness is part of the API",
  "org.junit.jupiter:junit-jupiter-api": "the kit is made of JUnit tests; 5.13 or newer, and 6",
  "org.junit.jupiter:junit-jupiter-engine": "the kit: runs them",
  "org.junit.platform:junit-platform-commons": "part of JUnit",
  "org.junit.platform:junit-platform-engine": "part of JUnit",
  "org.junit.platform:junit-platform-launcher": "the kit: runs from a command line",
  "org.opentest4j:opentest4j": "JUnit asks for it",
  "org.ow2.asm:asm": "the command: picocli's classes in a format that a JVM can archive (decision 0145)",
  "org.slf4j:slf4j-api": "logging, whose binding is the host's",
  "org.slf4j:slf4j-simple": "the command alone: prints warnings"
}>
<#function reason project>
  <#assign id = project.groupId + ":" + project.artifactId>
  <#if id?starts_with("io.netty:")><#return "ZooKeeper's client with TLS; registry-zookeeper names a newer one, as ZooKeeper's has known faults"></#if>
  <#return (reasons[id])!"NO REASON">
</#function>
# What we ship, and what it brings

What the words mean is in the [glossary](glossary.md).

Written by the build (`verification/host-builds`), which fails on any licence but these: Apache-2.0, BSD-2-Clause, BSD-3-Clause, MIT, EPL-2.0, public domain.
So no published artifact, and no file in the archive of the command, is under the GPL, AGPL or LGPL. Tests and benchmarks are not shipped: of their dependencies,
JMH (GPL 2 with the Classpath Exception), JFreeChart and ZooKeeper's annotations of SpotBugs (both LGPL) stay in this build.

| artifact | version | licence | why |
|---|---|---|---|
<#list dependencyMap as e>
<#assign project = e.getKey()>
<#if project.groupId != "dev.rollcall">
| `${project.groupId}:${project.artifactId}` | ${project.version} | ${e.getValue()?sort?join(", ")} | ${reason(project)} |
</#if>
</#list>

In the jar of `registry-console` there are also files of lit-html (BSD-3-Clause) and uPlot (MIT), which its page loads, with their licences.

## What a host gets

| of | jars | MB | most of it |
|---|---|---|---|
| `registry-core` and `registry-inmemory` | 9 | 3.0 | Jackson's databind |
| `registry-etcd` | 25 | 22.0 | gRPC with a Netty of its own (decision 0030) |
| `registry-zookeeper` | 17 | 5.5 | Netty, ZooKeeper |

## Pins

The versions in our parent pom do not reach a host, so each artifact names the versions that it needs itself. `registry-bom` has one version for
all our artifacts and none for others: a host's own management, such as Spring Boot's, decides about those.

| pin | where | without it | seen by |
|---|---|---|---|
| Guava of the JVM | `registry-etcd` | a host's own Guice gets the Guava of Android that gRPC asks for, and its error texts fail | `etcd-beside-hosts-guice` |
| Guava of the JVM | `registry-guice` | the same, by a host's own gRPC | `guice-beside-hosts-grpc` |
| all parts of gRPC, and nothing that jetcd-grpc brings | `registry-etcd` | parts of gRPC that are older than the channel, Vert.x, and a Netty in common with others | `etcd` |
| `netty-handler`, `netty-transport-native-epoll` | `registry-zookeeper` | the Netty that ZooKeeper asks for, with known faults | `zookeeper` |
| `netty-tcnative-boringssl-static` left out | `registry-zookeeper` | OpenSSL for five systems, 6 MB that are not used: TLS is Java's own | `zookeeper` |

`scripts/try-pins` removes each of them, and shows that the host fails.
