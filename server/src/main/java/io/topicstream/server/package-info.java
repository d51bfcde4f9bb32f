/// The server: configuration, the choice of an engine, and the composition of the front doors, written by
/// constructors in one place. Only this package names an engine.
@NullMarked
package io.topicstream.server;

import org.jspecify.annotations.NullMarked;
