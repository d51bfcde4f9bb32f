package io.topicstream.cdk;

import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.constructs.Construct;

/// The chat page. Nothing depends on it.
final class WebStack extends Stack {
    WebStack(Construct scope, String id, StackProps props, Inputs inputs, Doors doors) {
        super(scope, id, props);
        Page.make(this, inputs, doors);
    }
}
