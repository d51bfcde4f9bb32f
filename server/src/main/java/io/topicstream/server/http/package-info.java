/// The HTTP API's door at the network: [HttpDoor] makes exchanges of what comes and hands them to the table of routes;
/// with the routes that only a server of its own process has, its figures and its home page, and what is counted of all
/// requests.
@NullMarked
package io.topicstream.server.http;

import org.jspecify.annotations.NullMarked;
