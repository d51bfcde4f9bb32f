package io.topicstream.cdk;

import java.util.List;
import software.amazon.awscdk.Fn;

/// All that can be chosen about a system. Values are as a template has them: plain, or a reference to a parameter.
///
/// @param project with which names begin
/// @param environment `dev`, `staging` or `prod`
/// @param keepsData whether table, bucket and key outlive their stack
/// @param retentionHours after which messages end
/// @param archiveDays after which the bucket deletes what the archive has
/// @param detailedMonitoring access logs, the gateway's own logs, and metrics of each route
/// @param monitoring a dashboard and alarms, and of what
/// @param tracing X-Ray
/// @param encryption a key of the system's own, renewed each year, in place of those of AWS
/// @param logDays how long logs are kept
/// @param burst requests at once for each stage
/// @param rate requests a second for each stage
/// @param guests `true` where who shows no key may come in
/// @param origins whose pages may call without a key, empty for none
/// @param issuers of tokens, as the setting `access.jwt` takes them
/// @param adminToken the hash of the administrator's token
/// @param concurrency how many calls of the WebSocket function may run at once
/// @param tells whether others are told what happens: by a bus, or by sinks, which an administrator makes
/// @param events a bus with what happens
/// @param eventTopics whose messages are events
/// @param workflow a workflow that delivers the messages of some topics
/// @param workflowTopics which
/// @param domain where the doors have names of their own
/// @param page the chat page
/// @param alarms when alarms go off, and whom they tell
/// @param functions the code
record Inputs(
        String project,
        String environment,
        boolean keepsData,
        String retentionHours,
        Number archiveDays,
        Choice detailedMonitoring,
        Monitored monitoring,
        Choice tracing,
        Choice encryption,
        Number logDays,
        Number burst,
        Number rate,
        String guests,
        String origins,
        Optional issuers,
        Optional adminToken,
        OptionalNumber concurrency,
        Choice tells,
        Choice events,
        String eventTopics,
        Choice workflow,
        String workflowTopics,
        Domain domain,
        Choice page,
        Alarms alarms,
        FunctionForm functions) {

    /// What was chosen, put together.
    static Inputs of(Source source, FunctionForm functions, boolean keepsData) {
        Choice events = source.isTrue(Input.ENABLE_EVENTS);
        Choice workflow = source.both("WorkflowIsThere", events, source.isTrue(Input.ENABLE_WORKFLOW));
        Choice detailed = source.isTrue(Input.ENABLE_DETAILED_MONITORING);
        Optional adminToken =
                new Optional(source.isGiven(Input.ADMIN_TOKEN_SHA256), source.text(Input.ADMIN_TOKEN_SHA256));
        Choice tells = source.either("SomebodyIsTold", events, adminToken.isThere());
        return new Inputs(
                source.text(Input.PROJECT_NAME),
                source.text(Input.ENVIRONMENT),
                keepsData,
                source.text(Input.MESSAGE_RETENTION_HOURS),
                source.archiveDays(),
                detailed,
                Monitored.of(source, tells, workflow, detailed),
                source.isTrue(Input.ENABLE_XRAY_TRACING),
                source.isTrue(Input.ENABLE_ENCRYPTION),
                source.number(Input.LOG_RETENTION_DAYS),
                source.number(Input.THROTTLING_BURST_LIMIT),
                source.number(Input.THROTTLING_RATE_LIMIT),
                source.text(Input.ALLOW_GUESTS),
                source.text(Input.ALLOWED_ORIGINS),
                issuers(source),
                adminToken,
                new OptionalNumber(
                        source.isGiven(Input.FUNCTION_CONCURRENCY), source.number(Input.FUNCTION_CONCURRENCY)),
                tells,
                events,
                source.text(Input.EVENT_TOPICS),
                workflow,
                source.text(Input.WORKFLOW_TOPICS),
                new Domain(
                        source.isGiven(Input.DOMAIN_NAME),
                        source.text(Input.DOMAIN_NAME),
                        source.text(Input.CERTIFICATE_ARN)),
                source.isTrue(Input.ENABLE_PAGE),
                new Alarms(
                        new Optional(source.isGiven(Input.ALARM_EMAIL), source.text(Input.ALARM_EMAIL)),
                        source.number(Input.ALARM_CONNECTIONS),
                        source.number(Input.ALARM_ERRORS)),
                functions);
    }

    /// Those that are given, or a user pool. A pool's access tokens name their app client as `client_id`.
    private static Optional issuers(Source source) {
        Choice pool = source.isGiven(Input.USER_POOL_ID);
        String host = Fn.sub("https://cognito-idp.${AWS::Region}.amazonaws.com/");
        String issuer = Fn.join("", List.of(host, source.text(Input.USER_POOL_ID)));
        String ofPool = Fn.join(
                "",
                List.of(
                        "[{\"issuer\":\"",
                        issuer,
                        "\",\"jwks_url\":\"",
                        issuer,
                        "/.well-known/jwks.json\",\"algorithms\":[\"RS256\"],\"audience\":[\"",
                        source.text(Input.USER_POOL_CLIENT_ID),
                        "\"],\"audience_claim\":\"client_id\",\"name_claim\":\"username\"}]"));
        return new Optional(
                source.either("IssuersAreThere", pool, source.isGiven(Input.TOKEN_ISSUERS)),
                pool.text(ofPool, source.text(Input.TOKEN_ISSUERS)));
    }

    /// A text that may be missing.
    record Optional(Choice isThere, String value) {}

    /// A number that may be missing.
    record OptionalNumber(Choice isThere, Number value) {}

    /// @param name under which `ws.` and `api.` stand
    /// @param certificate of both, by its ARN
    record Domain(Choice isThere, String name, String certificate) {}

    /// @param email whom they tell, where somebody
    /// @param connections above which there are too many
    /// @param errors above which there are too many
    record Alarms(Optional email, Number connections, Number errors) {}

    /// What is looked at.
    ///
    /// @param isThere whether anything is
    /// @param tells the function that tells others
    /// @param workflow the workflow that delivers
    /// @param refusals the handshakes that were refused, which the log of accesses has
    /// @param mails whether alarms are sent by mail
    record Monitored(Choice isThere, Choice tells, Choice workflow, Choice refusals, Choice mails) {
        static Monitored of(Source source, Choice tells, Choice workflow, Choice detailed) {
            Choice isThere = source.isTrue(Input.ENABLE_MONITORING);
            return new Monitored(
                    isThere,
                    source.both("TellerIsMonitored", isThere, tells),
                    source.both("WorkflowIsMonitored", isThere, workflow),
                    source.both("RefusalsAreMonitored", isThere, detailed),
                    source.both("AlarmsAreMailed", isThere, source.isGiven(Input.ALARM_EMAIL)));
        }
    }
}
