/// The log of a server process, and its access log: lines of text or JSON on the standard error.
///
/// All code logs through `System.Logger`, which hands on to `java.util.logging`;
/// [io.topicstream.server.logging.ServerLog]
/// puts its handler there. A server that is embedded in another program installs nothing, so its lines go where that
/// program sends them.
@NullMarked
package io.topicstream.server.logging;

import org.jspecify.annotations.NullMarked;
