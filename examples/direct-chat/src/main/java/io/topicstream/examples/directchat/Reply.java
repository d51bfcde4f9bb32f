package io.topicstream.examples.directchat;

/// What an endpoint answers.
///
/// @param status of HTTP
/// @param text the body, which the gateway sends to the client as it is, where the route is two-way
record Reply(int status, String text) {
    static Reply ok(String text) {
        return new Reply(200, text);
    }

    static Reply refused(String text) {
        return new Reply(400, text);
    }
}
