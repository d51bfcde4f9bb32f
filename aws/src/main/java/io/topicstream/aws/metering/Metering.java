package io.topicstream.aws.metering;

import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.cost.Units;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/// Counts what the calls of one service are billed for, with each of their attempts.
///
/// The client tries a call again when an answer is lost. The service may have done the attempt before, and bills it
/// then. Nobody can know here whether it did, so it counts: a meter may say too much, never too little.
///
/// Thread-safe.
abstract class Metering implements ExecutionInterceptor {
    private static final ExecutionAttribute<Integer> BILLED = new ExecutionAttribute<>("io.topicstream.billedAttempts");

    private final Meter meter;
    private final String service;

    /// @param service in the names of the lines
    Metering(Meter meter, String service) {
        this.meter = meter;
        this.service = service;
    }

    /// Whether an attempt that was answered so is billed.
    abstract boolean isBilled(int status);

    /// What one attempt of a call is billed that was answered at last.
    abstract Units answered(String operation, SdkRequest request, SdkResponse response);

    /// What an attempt is billed that was refused for good, though its status is not billed by itself.
    abstract Units refused(SdkRequest request, Throwable failure);

    /// What an attempt of a call is billed that has failed, if it is.
    abstract Units failed(String operation, SdkRequest request, Throwable failure);

    @Override
    public final void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
        attributes.putAttribute(BILLED, billed(attributes) + 1);
    }

    @Override
    public final void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
        if (!isBilled(context.httpResponse().statusCode())) {
            attributes.putAttribute(BILLED, billed(attributes) - 1);
        }
    }

    @Override
    public final void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
        String operation = operation(attributes);
        count(
                operation,
                answered(operation, context.request(), context.response()).times(billed(attributes)));
    }

    @Override
    public final void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
        String operation = operation(attributes);
        count(
                operation,
                failed(operation, context.request(), context.exception())
                        .times(billed(attributes))
                        .plus(refused(context.request(), context.exception())));
    }

    private void count(String operation, Units units) {
        meter.count(service + " " + operation, units);
    }

    private static String operation(ExecutionAttributes attributes) {
        return attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME);
    }

    private static int billed(ExecutionAttributes attributes) {
        Integer attempts = attributes.getAttribute(BILLED);
        return attempts == null ? 0 : attempts;
    }
}
