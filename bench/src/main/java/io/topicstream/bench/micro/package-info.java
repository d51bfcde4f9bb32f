/// Benchmarks of single steps on the way of a message, on JMH: reading a frame, writing a delivery, appending
/// to a log. They call the server's own classes, which the load generator beside them never does. A step that
/// got slower shows here before it shows in a load; what a user gets is measured by the suite.
@NullMarked
package io.topicstream.bench.micro;

import org.jspecify.annotations.NullMarked;
