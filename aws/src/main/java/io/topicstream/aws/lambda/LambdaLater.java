package io.topicstream.aws.lambda;

import io.topicstream.aws.audience.Later;
import io.topicstream.aws.audience.Task;
import io.topicstream.aws.audience.TaskCodec;
import java.time.Duration;
import java.time.InstantSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvocationType;

/// Calls of a function by Lambda, which keeps them and tries them again. Blocks until Lambda has the call; thread-safe.
///
/// Lambda puts no call off. So a task that is to wait says until when, and the function that gets it waits, which is
/// paid for: forty dollars for a million users who leave a topic in which they are seen, three seconds of grace each. A
/// queue that delays would cost a small part of it, and is one service more.
public final class LambdaLater implements Later {
    private final LambdaClient client;
    private final String function;
    private final InstantSource clock;

    /// @param function the name or ARN of the function that does tasks, with its alias
    public LambdaLater(LambdaClient client, String function, InstantSource clock) {
        this.client = client;
        this.function = function;
        this.clock = clock;
    }

    @Override
    public void call(Task task, Duration after) {
        long notBeforeMs = after.isZero() ? TaskCodec.AT_ONCE : clock.millis() + after.toMillis();
        client.invoke(invoke -> invoke.functionName(function)
                .invocationType(InvocationType.EVENT)
                .payload(SdkBytes.fromByteArrayUnsafe(TaskCodec.encode(task, notBeforeMs))));
    }
}
