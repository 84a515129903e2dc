using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Testing;

/// <summary>What the platform's services may call at one of them on their own account.</summary>
public static class OwnCalls
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly Marshaller<byte[]> Bytes = new(message => message, message => message);

    /// <summary>Calls every method of every contract that the host serves, with an empty message, as each service.</summary>
    /// <param name="host">Where it listens.</param>
    /// <param name="service">Its name.</param>
    /// <param name="clock">Its clock.</param>
    /// <returns>Which calls came through, in order: <c>campaigns AccessTokens/GetAccessToken</c>.</returns>
    public static async Task<IReadOnlyList<string>> ThatComeThroughAsync(Uri host, string service, TimeProvider clock)
    {
        using var channel = GrpcChannel.ForAddress(host);
        var invoker = channel.CreateCallInvoker();
        var through = new List<string>();
        foreach (var issuer in TestTickets.Services)
        {
            var ticket = TestTickets.OwnOf(issuer, new TenantId(Guid.NewGuid()), service, clock);
            foreach (var method in Methods())
            {
                if (await ComesThroughAsync(invoker, method, ticket))
                {
                    through.Add($"{issuer} {method.Service.Name}/{method.Name}");
                }
            }
        }

        return [.. through.Order(StringComparer.Ordinal)];
    }

    private static async Task<bool> ComesThroughAsync(CallInvoker invoker, MethodDescriptor method, Metadata ticket)
    {
        // whatever kind the method is, one message and the end of the stream is what a server gets
        using var call = invoker.AsyncServerStreamingCall(
            new Method<byte[], byte[]>(MethodType.ServerStreaming, method.Service.FullName, method.Name, Bytes, Bytes),
            host: null,
            new CallOptions(ticket, TimeProvider.System.GetUtcNow().UtcDateTime + Limit),
            []);
        try
        {
            await call.ResponseStream.MoveNext(CancellationToken.None);
            return true;
        }
        catch (RpcException e)
        {
            return e.StatusCode is not StatusCode.Unimplemented
                && !(e.StatusCode is StatusCode.PermissionDenied && e.Status.Detail.Contains("on its own account", StringComparison.Ordinal));
        }
    }

    private static IEnumerable<MethodDescriptor> Methods() => typeof(AuditLog).Assembly.GetTypes()
        .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
        .OfType<FileDescriptor>()
        .SelectMany(file => file.Services)
        .SelectMany(service => service.Methods);
}
