/// Servers as processes that are killed, and what must be true all the same. The driver is the test: it
/// starts a server in a JVM of its own, publishes and listens over real sockets through every way in, writes
/// down outside the store what was acknowledged and delivered, ends the server at a random instant, starts it
/// again on the same directory, and lets the [io.topicstream.server.crash.Oracle] compare.
package io.topicstream.server.crash;
