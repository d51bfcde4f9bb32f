package io.topicstream.cdk;

import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.constructs.Construct;

/// The doors, and the archiver.
final class ApiStack extends Stack {
    private final Doors doors;

    ApiStack(Construct scope, String id, StackProps props, Inputs inputs, Storage storage) {
        super(scope, id, props);
        doors = Doors.make(this, inputs, storage);
    }

    Doors doors() {
        return doors;
    }
}
