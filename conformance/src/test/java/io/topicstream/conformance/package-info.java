/// Holds a whole server, over TLS, to what programs of others expect of it: the SDKs of AWS call its callback API as
/// applications do. Each SDK runs in a process of its own, with the settings by which an application would be pointed
/// at the server and nothing else; what they are written in stands in `conformance/sdk`.
@NullMarked
package io.topicstream.conformance;

import org.jspecify.annotations.NullMarked;
