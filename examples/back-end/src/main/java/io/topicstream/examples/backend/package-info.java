/// What the back ends of the examples have in common: an HTTP server, records in a folder, calls of connections, a log
/// and the reading of the environment. Nothing of it knows what an example is about.
@NullMarked
package io.topicstream.examples.backend;

import org.jspecify.annotations.NullMarked;
