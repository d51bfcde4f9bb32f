/// Connections by their ids, wherever in the system they are: [io.topicstream.connection.Connections] posts to
/// one, describes and ends it, on this node or another.
@NullMarked
package io.topicstream.connection;

import org.jspecify.annotations.NullMarked;
