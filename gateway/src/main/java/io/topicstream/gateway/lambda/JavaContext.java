package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/// What a Java function is told of an invocation, in the shape of the interface that is in its own code.
///
/// @param deadlineMs when it must be done, in milliseconds since 1970
record JavaContext(String requestId, String functionArn, long deadlineMs) {
    /// An object of the interface `Context`.
    Object as(Class<?> type) {
        return proxy(type, (self, method, arguments) -> switch (method.getName()) {
            case "getAwsRequestId" -> requestId;
            case "getInvokedFunctionArn" -> functionArn;
            case "getFunctionName" -> System.getenv("AWS_LAMBDA_FUNCTION_NAME");
            case "getFunctionVersion" -> System.getenv("AWS_LAMBDA_FUNCTION_VERSION");
            case "getLogGroupName" -> System.getenv("AWS_LAMBDA_LOG_GROUP_NAME");
            case "getLogStreamName" -> System.getenv("AWS_LAMBDA_LOG_STREAM_NAME");
            case "getMemoryLimitInMB" -> Integer.valueOf(System.getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
            case "getRemainingTimeInMillis" -> (int) Math.max(0, deadlineMs - System.currentTimeMillis());
            case "getLogger" -> logger(method.getReturnType());
            default -> ofObject(self, method, arguments);
        });
    }

    private static Object logger(Class<?> type) {
        return proxy(type, (self, method, arguments) -> {
            if (!method.getName().equals("log") || arguments == null) {
                return ofObject(self, method, arguments);
            }
            System.out.println(arguments[0] instanceof byte[] bytes ? new String(bytes, UTF_8) : arguments[0]);
            return null;
        });
    }

    private static Object proxy(Class<?> type, InvocationHandler handler) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
    }

    @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself alone
    private static @Nullable Object ofObject(Object self, Method method, Object @Nullable [] arguments)
            throws Throwable {
        if (method.isDefault()) {
            return InvocationHandler.invokeDefault(self, method, arguments);
        }
        return switch (method.getName()) {
            case "equals" -> arguments != null && self == arguments[0];
            case "hashCode" -> System.identityHashCode(self);
            case "toString" -> method.getDeclaringClass().getSimpleName();
            default -> null;
        };
    }
}
