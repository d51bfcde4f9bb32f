/// What stands in front of functions on AWS, on this machine: [io.topicstream.server.local.HttpApi] makes events of
/// requests as API Gateway's HTTP APIs do. It knows of the functions no more than the bytes that they take.
@NullMarked
package io.topicstream.server.local;

import org.jspecify.annotations.NullMarked;
