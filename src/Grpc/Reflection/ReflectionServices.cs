using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Grpc.Reflection;

/// <summary>Tells callers which services are mapped and what their messages look like.</summary>
internal sealed class ReflectionService(DescriptorIndex index) : ServerReflection.ServerReflectionBase
{
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(Answer(index, request), context.CancellationToken);
        }
    }

    public static ServerReflectionResponse Answer(DescriptorIndex index, ServerReflectionRequest request)
    {
        var response = request.MessageRequestCase switch
        {
            ServerReflectionRequest.MessageRequestOneofCase.ListServices => new() { ListServicesResponse = ToMessage(index.Services) },
            ServerReflectionRequest.MessageRequestOneofCase.FileByFilename =>
                File(index.FileNamed(request.FileByFilename), request.FileByFilename),
            ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol =>
                File(index.FileWith(request.FileContainingSymbol), request.FileContainingSymbol),
            ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension => File(
                index.FileExtending(request.FileContainingExtension.ContainingType, request.FileContainingExtension.ExtensionNumber),
                $"{request.FileContainingExtension.ContainingType}:{request.FileContainingExtension.ExtensionNumber}"),
            ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType =>
                ExtensionNumbers(index.ExtensionNumbersOf(request.AllExtensionNumbersOfType), request.AllExtensionNumbersOfType),
            _ => Error(StatusCode.InvalidArgument, "The request asks for nothing that this server knows."),
        };

        (response.ValidHost, response.OriginalRequest) = (request.Host, request);
        return response;
    }

    private static ListServiceResponse ToMessage(IEnumerable<string> services) =>
        new() { Service = { services.Select(name => new ServiceResponse { Name = name }) } };

    private static ServerReflectionResponse File(FileDescriptor? file, string asked) => file is null
        ? Error(StatusCode.NotFound, $"'{asked}' is not known here.")
        : new() { FileDescriptorResponse = new() { FileDescriptorProto = { WithImports(file, []).Select(one => one.SerializedData) } } };

    private static ServerReflectionResponse ExtensionNumbers(IEnumerable<int>? numbers, string type) => numbers is null
        ? Error(StatusCode.NotFound, $"There is no message type '{type}' here.")
        : new() { AllExtensionNumbersResponse = new() { BaseTypeName = type, ExtensionNumber = { numbers } } };

    private static ServerReflectionResponse Error(StatusCode code, string message) =>
        new() { ErrorResponse = new() { ErrorCode = (int)code, ErrorMessage = message } };

    private static IEnumerable<FileDescriptor> WithImports(FileDescriptor file, HashSet<string> seen) =>
        seen.Add(file.Name) ? file.Dependencies.SelectMany(import => WithImports(import, seen)).Prepend(file) : [];
}

/// <summary>The same under the name that older tools ask for. Its messages are the same on the wire.</summary>
internal sealed class ReflectionAlphaService(DescriptorIndex index) : V1Alpha.ServerReflection.ServerReflectionBase
{
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<V1Alpha.ServerReflectionRequest> requestStream,
        IServerStreamWriter<V1Alpha.ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            var answer = ReflectionService.Answer(index, ServerReflectionRequest.Parser.ParseFrom(request.ToByteString()));
            await responseStream.WriteAsync(
                V1Alpha.ServerReflectionResponse.Parser.ParseFrom(answer.ToByteString()), context.CancellationToken);
        }
    }
}
