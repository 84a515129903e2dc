using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Door;

/// <summary>Refusals as gRPC has them: HTTP 200, and the status in headers where nothing was answered yet, else in trailers.</summary>
internal static class DoorAnswers
{
    /// <summary>Of the platform's own channels: what it says to them is nothing to others.</summary>
    public const string Pushback = "grpc-retry-pushback-ms";

    private const string StatusField = "grpc-status";

    extension(HttpResponse response)
    {
        /// <summary>Whether a status has been written.</summary>
        public bool HasStatus => response.Headers.ContainsKey(StatusField)
            || response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers.ContainsKey(StatusField) is true;

        public void Refuse(Failure failure) => response.Refuse(failure.ToRpcException());

        public void Refuse(RpcException refusal)
        {
            Action<string, string> add = response.HasStarted
                ? (name, value) => response.AppendTrailer(name, value)
                : (name, value) => response.Headers[name] = value;
            if (!response.HasStarted)
            {
                response.Clear();
                response.StatusCode = StatusCodes.Status200OK;
                response.ContentType = "application/grpc";
            }

            add(StatusField, ((int)refusal.StatusCode).ToString(CultureInfo.InvariantCulture));
            add("grpc-message", Uri.EscapeDataString(refusal.Status.Detail));
            foreach (var entry in refusal.Trailers.Where(entry => entry.Key != Pushback))
            {
                add(entry.Key, entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : Uri.EscapeDataString(entry.Value));
            }
        }
    }
}
