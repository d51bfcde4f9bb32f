package io.topicstream.cdk;

import java.util.List;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;

/// What a deployment says at its end: addresses that can be used as they are printed, and names.
final class Outputs {
    private final Stack stack;

    Outputs(Stack stack) {
        this.stack = stack;
    }

    void doors(WebSocketDoor sockets, HttpDoor http) {
        String socketUrl = sockets.url("v1");
        say("WebSocketApiEndpoint", "WebSockets in the protocol of TopicStream", socketUrl);
        say("WebSocketApiUrl", "The same, under another name", socketUrl);
        say("TopicsEndpoint", "WebSockets in the topics dialect", sockets.url("live"));
        say("ChatEndpoint", "WebSockets in the chat dialect", sockets.url("dev"));
        say("RoomsEndpoint", "WebSockets in the rooms dialect", sockets.url("staging"));
        say("WebSocketApiId", "The id of the API for WebSockets", sockets.api().getRef());
        say("ApiUrl", "The HTTP API", http.url());
        say(
                "ProduceEndpoint",
                "POST a message here, the topic in place of {topic}",
                Fn.join("", List.of(http.url(), "/topics/{topic}/produce")));
        say(
                "ConsumeEndpoint",
                "GET messages here, the topic in place of {topic}",
                Fn.join("", List.of(http.url(), "/topics/{topic}/consume")));
        say(
                "LambdaFunctionName",
                "The function behind the HTTP API",
                http.function().name());
        say(
                "WebSocketFunctionName",
                "The function behind the WebSockets",
                sockets.function().name());
        say("TestCommand", "Says whether the system is well", Fn.join("", List.of("curl ", http.url(), "/health")));
    }

    void storage(Storage storage) {
        say("TableName", "The table", storage.tableName());
        say("TableArn", "The table, by its ARN", storage.tableArn());
        say("BucketName", "The bucket", storage.bucketName());
        say("BucketArn", "The bucket, by its ARN", storage.bucketArn());
    }

    void failures(Failures failures) {
        say("FailuresQueueName", "The queue with calls that failed for good", failures.name());
    }

    void events(Inputs inputs, EventBus bus) {
        inputs.events().only(say("EventBusName", "The bus with what happens", bus.name()));
    }

    void workflow(Inputs inputs, Distribution distribution) {
        inputs.workflow().only(say("StateMachineArn", "The workflow that delivers", distribution.arn()));
    }

    void page(Choice where, Page page) {
        where.only(say("FrontendUrl", "The chat page", page.url()));
        where.only(say("FrontendBucketName", "The bucket with the files of the page", page.bucketName()));
        where.only(say(
                "PublishPageCommand",
                "Puts the page there, from the folder of the project after its build",
                page.publishCommand()));
    }

    void monitoring(Choice where, Dashboard dashboard, AlarmTopic topic) {
        where.only(say("DashboardUrl", "The dashboard, in the console of AWS", dashboard.url()));
        where.only(say("AlarmTopicArn", "Whom alarms tell: subscribe to it", topic.arn()));
    }

    private CfnOutput say(String name, String description, String value) {
        return CfnOutput.Builder.create(stack, name)
                .description(description)
                .value(value)
                .build();
    }
}
