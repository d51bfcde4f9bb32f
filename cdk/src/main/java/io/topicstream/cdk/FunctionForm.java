package io.topicstream.cdk;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.apigatewayv2.CfnApi;
import software.amazon.awscdk.services.lambda.CfnFunction;

/// Where the code of functions is, and what runs it.
interface FunctionForm {
    /// Where the code of a function is.
    CfnFunction.CodeProperty code(Stack stack, FunctionKind kind);

    /// Another one whenever code or settings are: each function gets a new version by it.
    String revision();

    /// Says what runs a function: Lambda, from a snapshot.
    default void run(CfnFunction.Builder function, FunctionKind kind) {
        function.runtime("java25")
                .architectures(List.of("arm64"))
                .handler(kind.handler())
                .snapStart(CfnFunction.SnapStartProperty.builder()
                        .applyOn("PublishedVersions")
                        .build());
    }

    /// Where an API is called, without its stage.
    default String address(CfnApi api) {
        return Fn.join("", List.of("https://", Stages.host(api)));
    }

    /// What all functions read from their environment beside what the system says.
    default Map<String, Object> variables() {
        return Map.of();
    }
}
