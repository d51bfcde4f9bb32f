// Calls the callback API with version 2 of the SDK for Go: each line of the input is a call, each of the output what
// came of it.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
	"github.com/aws/smithy-go"
)

type name struct{ endpoint, key, secret string }

var clients = map[name]*sdk.Client{}

func client(n name) *sdk.Client {
	if clients[n] == nil {
		clients[n] = sdk.NewFromConfig(aws.Config{
			Region: "us-east-1",
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: n.key, SecretAccessKey: n.secret}, nil
			}),
			RetryMaxAttempts: 1,
		}, func(o *sdk.Options) { o.BaseEndpoint = aws.String(n.endpoint) })
	}
	return clients[n]
}

func call(api *sdk.Client, what string, connection string, data []byte) ([]string, error) {
	id := aws.String(connection)
	ctx := context.Background()
	switch what {
	case "text", "bytes":
		_, err := api.PostToConnection(ctx, &sdk.PostToConnectionInput{ConnectionId: id, Data: data})
		return nil, err
	case "delete":
		_, err := api.DeleteConnection(ctx, &sdk.DeleteConnectionInput{ConnectionId: id})
		return nil, err
	default:
		said, err := api.GetConnection(ctx, &sdk.GetConnectionInput{ConnectionId: id})
		if err != nil {
			return nil, err
		}
		return []string{
			fmt.Sprint(said.ConnectedAt.UnixMilli()),
			fmt.Sprint(said.LastActiveAt.UnixMilli()),
			aws.ToString(said.Identity.SourceIp),
			aws.ToString(said.Identity.UserAgent),
		}, nil
	}
}

func known(err error) string {
	var gone *types.GoneException
	var forbidden *types.ForbiddenException
	var limit *types.LimitExceededException
	var large *types.PayloadTooLargeException
	switch {
	case errors.As(err, &gone):
		return "GoneException"
	case errors.As(err, &forbidden):
		return "ForbiddenException"
	case errors.As(err, &limit):
		return "LimitExceededException"
	case errors.As(err, &large):
		return "PayloadTooLargeException"
	}
	return ""
}

func outcome(words []string) []string {
	data, err := base64.StdEncoding.DecodeString(words[3])
	if err != nil {
		return []string{"failed", err.Error()}
	}
	said, err := call(client(name{words[1], words[4], words[5]}), words[0], words[2], data)
	var response *awshttp.ResponseError
	var api smithy.APIError
	switch {
	case err == nil:
		return append([]string{"ok"}, said...)
	case errors.As(err, &response) && errors.As(err, &api):
		return []string{"refused", known(err), fmt.Sprint(response.HTTPStatusCode()), api.ErrorCode()}
	default:
		return []string{"failed", err.Error()}
	}
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		words := outcome(strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		for i, word := range words {
			words[i] = strings.Join(strings.Fields(word), " ")
		}
		fmt.Println(strings.Join(words, "\t"))
	}
}
