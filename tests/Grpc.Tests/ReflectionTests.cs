using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Alpha = Grpc.Reflection.V1Alpha;

namespace ZohoPlatform.Grpc.Tests;

public sealed class ReflectionTests
{
    [Fact]
    public async Task All_mapped_services_are_listed()
    {
        await using var host = await StartAsync();

        var answer = await AskAsync(host, new() { Host = "here", ListServices = "" });

        Assert.Equal(
            [
                "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
                "grpc.testing.TestService", "grpc.testing.extended.Extended",
            ],
            answer.ListServicesResponse.Service.Select(service => service.Name));
        Assert.Equal(("here", "here"), (answer.ValidHost, answer.OriginalRequest.Host));
    }

    [Theory]
    [InlineData("grpc.testing.TestService")]
    [InlineData("grpc.testing.TestService.UnaryCall")]
    [InlineData("grpc.testing.SimpleRequest")]
    [InlineData("grpc.testing.SimpleRequest.response_size")]
    [InlineData("grpc.testing.PayloadType")]
    public async Task A_file_is_found_by_what_is_in_it(string symbol)
    {
        await using var host = await StartAsync();

        var answer = await AskAsync(host, new() { FileContainingSymbol = symbol });

        Assert.Contains(Files(answer)[0].Service, service => service.Name == "TestService");
    }

    [Fact]
    public async Task A_file_comes_with_all_that_it_imports_so_that_it_can_be_built_from_the_answer()
    {
        await using var host = await StartAsync();

        var answer = await AskAsync(host, new() { FileByFilename = "extended.proto" });

        Assert.Equal(["extended.proto", "google/protobuf/descriptor.proto", "test.proto"], Files(answer).Select(file => file.Name));
        FileDescriptor.BuildFromByteStrings(answer.FileDescriptorResponse.FileDescriptorProto.Reverse());
    }

    [Fact]
    public async Task Extensions_are_found_by_the_type_that_they_extend()
    {
        await using var host = await StartAsync();

        var numbers = await AskAsync(host, new() { AllExtensionNumbersOfType = "google.protobuf.MethodOptions" });
        var none = await AskAsync(host, new() { AllExtensionNumbersOfType = "grpc.testing.SimpleRequest" });
        var file = await AskAsync(host, new()
        {
            FileContainingExtension = new() { ContainingType = "google.protobuf.MethodOptions", ExtensionNumber = 50_001 },
        });

        Assert.Equal([50_001, 50_002], numbers.AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Equal("google.protobuf.MethodOptions", numbers.AllExtensionNumbersResponse.BaseTypeName);
        Assert.Empty(none.AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Equal("extended.proto", Files(file)[0].Name);
    }

    [Fact]
    public async Task What_is_not_known_is_answered_and_the_stream_goes_on()
    {
        await using var host = await StartAsync();
        using var call = new ServerReflection.ServerReflectionClient(host.Channel).ServerReflectionInfo();

        Assert.Equal(StatusCode.NotFound, await ErrorAsync(new() { FileContainingSymbol = "no.Such" }));
        Assert.Equal(StatusCode.NotFound, await ErrorAsync(new() { FileByFilename = "no.proto" }));
        Assert.Equal(StatusCode.NotFound, await ErrorAsync(new() { FileContainingExtension = new() { ContainingType = "no.Such" } }));
        Assert.Equal(StatusCode.NotFound, await ErrorAsync(new() { AllExtensionNumbersOfType = "no.Such" }));
        Assert.Equal(StatusCode.InvalidArgument, await ErrorAsync(new()));
        await call.RequestStream.CompleteAsync().Soon();
        Assert.False(await call.ResponseStream.MoveNext().Soon());

        async Task<StatusCode> ErrorAsync(ServerReflectionRequest request)
        {
            await call.RequestStream.WriteAsync(request).Soon();
            Assert.True(await call.ResponseStream.MoveNext().Soon());
            return (StatusCode)call.ResponseStream.Current.ErrorResponse.ErrorCode;
        }
    }

    [Fact]
    public async Task Older_tools_get_the_same_under_the_name_they_ask_for()
    {
        await using var host = await StartAsync();
        using var call = new Alpha.ServerReflection.ServerReflectionClient(host.Channel).ServerReflectionInfo();

        await call.RequestStream.WriteAsync(new() { FileContainingSymbol = "grpc.testing.Empty" }).Soon();

        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.NotEmpty(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
        Assert.Equal("grpc.testing.Empty", call.ResponseStream.Current.OriginalRequest.FileContainingSymbol);
    }

    private static async Task<ServerReflectionResponse> AskAsync(TestHost host, ServerReflectionRequest request)
    {
        using var call = new ServerReflection.ServerReflectionClient(host.Channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(request).Soon();
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        return call.ResponseStream.Current;
    }

    private static List<FileDescriptorProto> Files(ServerReflectionResponse answer) =>
        [.. answer.FileDescriptorResponse.FileDescriptorProto.Select(FileDescriptorProto.Parser.ParseFrom)];

    private static Task<TestHost> StartAsync() => TestHost.StartAsync(
        builder =>
        {
            builder.Services.AddGrpc();
            builder.Services.AddGrpcReflection();
        },
        app =>
        {
            app.MapGrpcReflectionService();
            app.MapGrpcService<TestServiceOverHandlers>();
            app.MapGrpcService<ExtendedService>();
        },
        null);

    private sealed class ExtendedService : global::Grpc.Testing.Extended.Extended.ExtendedBase;
}
