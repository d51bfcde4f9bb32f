/// The direct chat's back end: people take a name, ask who is there, and write to one another. It is a program of its
/// own that knows nothing of WebSockets: a gateway calls it over HTTP, and it answers, or posts to a connection.
@NullMarked
package io.topicstream.examples.directchat;

import org.jspecify.annotations.NullMarked;
