package io.topicstream.server.gateway;

import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpCalls;
import io.topicstream.gateway.lambda.RemoteFunctionsTest;

/// What holds for calls on threads of their own holds for those on event loops.
final class LoopRemoteFunctionsTest extends RemoteFunctionsTest {
    @Override
    protected HttpCalls calls(CallBounds within) {
        return TestLoopCalls.within(within);
    }
}
