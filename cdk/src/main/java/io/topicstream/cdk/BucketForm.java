package io.topicstream.cdk;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import software.amazon.awscdk.CfnParameter;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.lambda.CfnFunction;

/// Code in a bucket, where who deploys a template has put it.
final class BucketForm implements FunctionForm {
    private static final String BUCKET = "AssetsBucket";
    private static final String PREFIX = "AssetsPrefix";
    private static final String REVISION = "Revision";

    BucketForm(Stack stack) {
        parameter(stack, BUCKET, "The bucket, in this region, with the archives of the functions")
                .allowedPattern("[a-z0-9.-]{3,63}")
                .build();
        parameter(stack, PREFIX, "With which the keys of the archives begin, such as topicstream/0.1.0/")
                .defaultValue("")
                .build();
        parameter(
                        stack,
                        REVISION,
                        "Any text, another one with each change of the archives or of a parameter: functions are published anew by it")
                .allowedPattern("[A-Za-z0-9._-]{1,64}")
                .build();
    }

    /// Takes out the parameters that say where the archives are.
    static void withoutPlace(ObjectNode parameters) {
        parameters.remove(List.of(BUCKET, PREFIX));
    }

    private static CfnParameter.Builder parameter(Stack stack, String name, String description) {
        return CfnParameter.Builder.create(stack, name).type("String").description(description);
    }

    @Override
    public CfnFunction.CodeProperty code(Stack stack, FunctionKind kind) {
        return CfnFunction.CodeProperty.builder()
                .s3Bucket(Fn.ref(BUCKET))
                .s3Key(Fn.sub("${" + PREFIX + "}" + kind.archive()))
                .build();
    }

    @Override
    public String revision() {
        return Fn.ref(REVISION);
    }
}
