package io.topicstream.cdk;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// The template as SAM takes it: archives are files here, which `sam deploy` and `aws cloudformation package` upload.
/// Nothing else differs, so a stack of one may be updated by the other.
final class ServerlessForm {
    private static final String TRANSFORM = "AWS::Serverless-2016-10-31";
    private static final String ARCHIVES = "../../functions/target/functions/";

    private ServerlessForm() {}

    /// @param template which stays as it is
    static ObjectNode of(ObjectNode template) {
        ObjectNode form = template.deepCopy();
        form.put("Transform", TRANSFORM);
        BucketForm.withoutPlace(form.withObject("/Parameters"));
        for (FunctionKind kind : FunctionKind.values()) {
            form.withObject("/Resources/" + kind.id() + "Function/Properties").put("Code", ARCHIVES + kind.archive());
        }
        return form;
    }
}
