/// A front door that forgets everything between two frames, as a function in the cloud does: it loads a small
/// record, runs the frame, stores the record if it changed, and drops every object. It passes the same
/// scenarios as the servers that remember, which shows that nothing a command needs lives only in a socket's
/// memory.
///
/// [io.topicstream.server.forgetful.Gateway] is what stays: the real gateway, with the
/// [io.topicstream.server.forgetful.Weather] of API Gateway. Everything else is rows beside the log.
@NullMarked
package io.topicstream.server.forgetful;

import org.jspecify.annotations.NullMarked;
