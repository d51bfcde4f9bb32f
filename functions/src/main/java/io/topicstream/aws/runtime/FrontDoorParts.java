package io.topicstream.aws.runtime;

import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.lambda.ApiGatewayCallbacks;
import io.topicstream.aws.lambda.LambdaLater;
import io.topicstream.aws.s3.Objects;
import java.time.InstantSource;
import software.amazon.awssdk.services.s3.S3Client;

/// A front door and what it stands on, for the functions by which clients come in. Thread-safe.
record FrontDoorParts(Clients clients, DynamoEngine engine, FrontDoor door) implements AutoCloseable {
    static final InstantSource CLOCK = InstantSource.system();

    static {
        // Who a caller is may be asked twice.
        ClientParts.askAgain();
    }

    /// Puts it together; asks the table once.
    static FrontDoorParts open(FunctionSettings settings, ClientParts.Sockets sockets) {
        Clients clients = Clients.open(settings, sockets);
        try {
            DynamoOptions options = DynamoOptions.DEFAULTS.withRetention(
                    settings.door().policies().retention());
            S3Client s3 = clients.s3();
            String bucket = settings.bucket();
            if (s3 != null && bucket != null) {
                Objects objects = new Objects(s3, bucket);
                options = options.withLarge(objects).withArchive(objects);
            }
            DynamoEngine engine = DynamoEngine.open(new DynamoTable(clients.dynamo(), settings.table()), options);
            try {
                FrontDoor door = new FrontDoor(
                        new FrontDoor.Ports(engine.log(), engine.state(), engine.stateOfNodes()),
                        settings.door(),
                        new ApiGatewayCallbacks(clients.management()),
                        new LambdaLater(clients.lambda(), settings.taskFunction(), CLOCK),
                        CLOCK);
                return new FrontDoorParts(clients, engine, door);
            } catch (RuntimeException | Error e) {
                engine.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            clients.close();
            throw e;
        }
    }

    @Override
    public void close() {
        door.close();
        engine.close();
        clients.close();
    }
}
