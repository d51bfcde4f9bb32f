/// The HTTP API as a function: [io.topicstream.aws.http.HttpFunction] makes an exchange of an event of API Gateway's
/// HTTP APIs, has the table of routes answer it, and waits until nothing of it is under way any more. Between two
/// events nothing is remembered that matters. No class of the SDK is needed, nor one of Lambda's.
@NullMarked
package io.topicstream.aws.http;

import org.jspecify.annotations.NullMarked;
