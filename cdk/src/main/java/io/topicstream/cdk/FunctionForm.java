package io.topicstream.cdk;

import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.lambda.CfnFunction;

/// Where the code of functions is, and what runs it.
interface FunctionForm {
    CfnFunction.CodeProperty code(Stack stack, FunctionKind kind);

    /// Another one whenever code or settings are: each function gets a new version by it.
    String revision();

    /// What differs from a function on Lambda, where it is to run elsewhere.
    default void adapt(CfnFunction.Builder function, FunctionKind kind) {
        function.runtime("java25")
                .architectures(java.util.List.of("arm64"))
                .handler(kind.handler())
                .snapStart(CfnFunction.SnapStartProperty.builder()
                        .applyOn("PublishedVersions")
                        .build());
    }
}
