package io.topicstream.aws.metering;

import io.topicstream.aws.cost.Billable;
import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.cost.Units;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;

/// Counts the requests of a client of S3. A request that S3 refuses is billed, one that it fails is not; a list costs
/// as much as a put, and a delete nothing.
public final class S3Metering extends Metering {
    private static final int FAILURES = 500;

    public S3Metering(Meter meter) {
        super(meter, "S3");
    }

    @Override
    boolean isBilled(int status) {
        return status < FAILURES;
    }

    @Override
    Units answered(String operation, SdkRequest request, SdkResponse response) {
        return units(operation);
    }

    @Override
    Units refused(SdkRequest request, Throwable failure) {
        return Units.NONE;
    }

    @Override
    Units failed(String operation, SdkRequest request, Throwable failure) {
        return units(operation);
    }

    private static Units units(String operation) {
        if (operation.startsWith("Delete") || operation.startsWith("Abort")) {
            return Units.NONE;
        }
        boolean isRead = operation.startsWith("Get") || operation.startsWith("Head");
        return Units.of(isRead ? Billable.OBJECT_GETS : Billable.OBJECT_PUTS, 1);
    }
}
