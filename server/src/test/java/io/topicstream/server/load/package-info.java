/// The server among very many clients, some of which mean ill or do nothing: memory stays bounded, and
/// nobody pays for a neighbour. Times are reported and compared within one run, never with a clock.
package io.topicstream.server.load;
