using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>ASP.NET Core's health checks as the standard health service tells them. A degraded host serves.</summary>
internal sealed class HealthService(
    HealthCheckService checks, HealthReports reports, IOptions<GrpcHealthChecksOptions> options, IHostApplicationLifetime lifetime)
    : Health.V1.Health.HealthBase
{
    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        var service = options.Value.Services.Find(request.Service)
            ?? throw new RpcException(new Status(StatusCode.NotFound, $"There is no service '{request.Service}'."));

        return new() { Status = await CheckAsync(service, context.CancellationToken) };
    }

    /// <summary>
    /// The state now, and again whenever a published report changes it; the host's stop ends the stream, for it would never end by itself.
    /// </summary>
    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var service = options.Value.Services.Find(request.Service);
        var latest = reports.Latest;
        ServingStatus? told = null;

        try
        {
            await TellAsync(service is null ? ServingStatus.ServiceUnknown : await CheckAsync(service, ended.Token));

            while (true)
            {
                latest = await latest.Next.WaitAsync(ended.Token);

                if (service is not null)
                {
                    await TellAsync(StatusOf(latest.Report!.Entries
                        .Where(entry => service.Predicate(new(entry.Key, entry.Value.Tags)))
                        .Select(entry => entry.Value.Status)));
                }
            }
        }
        catch (OperationCanceledException)
            when (lifetime.ApplicationStopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            await TellAsync(ServingStatus.NotServing);
        }

        async Task TellAsync(ServingStatus status)
        {
            if (status != told)
            {
                await responseStream.WriteAsync(new() { Status = status }, context.CancellationToken);
                told = status;
            }
        }
    }

    private static ServingStatus StatusOf(IEnumerable<HealthStatus> statuses) =>
        statuses.Contains(HealthStatus.Unhealthy) ? ServingStatus.NotServing : ServingStatus.Serving;

    private async Task<ServingStatus> CheckAsync(ServiceMapping service, CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(check => service.Predicate(new(check.Name, check.Tags)), cancellationToken);
        return StatusOf(report.Entries.Values.Select(entry => entry.Status));
    }
}
