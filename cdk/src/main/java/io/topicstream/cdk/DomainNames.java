package io.topicstream.cdk;

import java.util.List;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.apigatewayv2.CfnApi;
import software.amazon.awscdk.services.apigatewayv2.CfnApiMapping;
import software.amazon.awscdk.services.apigatewayv2.CfnDomainName;
import software.amazon.awscdk.services.apigatewayv2.CfnStage;

/// Names of one's own for the doors: `ws.` and `api.` below a domain. TLS 1.2 or newer, as at the doors' own names.
final class DomainNames {
    private final Stack stack;
    private final Inputs.Domain domain;

    static void make(Stack stack, Inputs inputs, WebSocketDoor sockets, HttpDoor http) {
        if (!inputs.domain().isThere().isNever()) {
            new DomainNames(stack, inputs.domain()).make(sockets, http);
        }
    }

    private DomainNames(Stack stack, Inputs.Domain domain) {
        this.stack = stack;
        this.domain = domain;
    }

    private void make(WebSocketDoor sockets, HttpDoor http) {
        CfnDomainName ws = name("WebSocketDomain", "ws");
        sockets.stages().forEach((name, stage) -> mapping(Stages.id(name, "Mapping"), ws, sockets.api(), stage, name));
        CfnDomainName api = name("HttpDomain", "api");
        mapping("HttpMapping", api, http.api(), http.stage(), "");
    }

    private CfnDomainName name(String id, String label) {
        CfnDomainName name = domain.isThere()
                .only(CfnDomainName.Builder.create(stack, id)
                        .domainName(Fn.join(".", List.of(label, domain.name())))
                        .domainNameConfigurations(List.of(CfnDomainName.DomainNameConfigurationProperty.builder()
                                .certificateArn(domain.certificate())
                                .endpointType("REGIONAL")
                                .securityPolicy("TLS_1_2")
                                .build()))
                        .build());
        domain.isThere()
                .only(CfnOutput.Builder.create(stack, id + "Target")
                        .description("Where the name " + label + ". of the domain has to lead, by CNAME")
                        .value(name.getAttrRegionalDomainName())
                        .build());
        return name;
    }

    private void mapping(String id, CfnDomainName name, CfnApi api, CfnStage stage, String path) {
        CfnApiMapping.Builder mapping = CfnApiMapping.Builder.create(stack, id)
                .apiId(api.getRef())
                .domainName(name.getRef())
                .stage(stage.getRef());
        if (!path.isEmpty()) {
            mapping.apiMappingKey(path);
        }
        domain.isThere().only(mapping.build());
    }
}
