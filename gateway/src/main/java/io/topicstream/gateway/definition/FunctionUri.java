package io.topicstream.gateway.definition;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The URI by which API Gateway invokes a function:
/// `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations`.
final class FunctionUri {
    private static final Pattern INVOCATION =
            Pattern.compile("arn:[^:]*:apigateway:[^:]*:lambda:path/(/)?2015-03-31/functions/.+/invocations");
    private static final Pattern SERVICE = Pattern.compile("arn:[^:]*:apigateway:[^:]*:([^:]+):(action|path)/(.*)");
    private static final Pattern FUNCTION = Pattern.compile("arn:([^:]*):lambda:([^:]*):[^:]*:function:.+");

    private FunctionUri() {}

    /// The URI in a property, after its check: empty where there is none, or a wrong one.
    static String checked(Properties properties, String name) {
        String uri = properties.text(name, "");
        if (uri.isEmpty() || INVOCATION.matcher(uri).matches()) {
            return uri;
        }
        Matcher function = FUNCTION.matcher(uri);
        if (function.matches()) {
            properties.finding(
                    name,
                    "is the ARN of a function; AWS wants arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/"
                            + "ARN/invocations here");
            return "arn:" + function.group(1) + ":apigateway:" + function.group(2)
                    + ":lambda:path/2015-03-31/functions/" + uri + "/invocations";
        }
        Matcher service = SERVICE.matcher(uri);
        if (service.matches() && !service.group(1).equals("lambda")) {
            properties.error(
                    name,
                    "calls " + service.group(1) + " (" + service.group(2) + "/" + service.group(3)
                            + "); of the services of AWS only Lambda functions are called here");
        } else {
            properties.error(
                    name,
                    "is arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations, not '" + uri + "'");
        }
        return "";
    }
}
