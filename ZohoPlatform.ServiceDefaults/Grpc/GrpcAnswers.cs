using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>Refusals as gRPC has them: HTTP 200, and the status in headers where nothing was answered yet, else in trailers.</summary>
public static class GrpcAnswers
{
    private const string StatusField = "grpc-status";
    private const string MessageField = "grpc-message";

    extension(HttpResponse response)
    {
        /// <summary>Whether a status has been written.</summary>
        public bool HasGrpcStatus => response.Headers.ContainsKey(StatusField) || TrailersOf(response)?.ContainsKey(StatusField) is true;

        /// <summary>The status that has been written; null where there is none, or none that gRPC knows.</summary>
        internal StatusCode? GrpcStatus =>
            (response.Headers.TryGetValue(StatusField, out var status) || TrailersOf(response)?.TryGetValue(StatusField, out status) is true)
            && Enum.TryParse<StatusCode>(status.ToString(), out var known)
                ? known
                : null;

        /// <summary>Ends the call so, whatever was to be its status.</summary>
        public void Refuse(RpcException refusal)
        {
            if (!response.HasStarted)
            {
                response.Clear();
            }

            response.SetGrpcStatus(refusal);
        }

        /// <summary>As <see cref="Refuse"/>; other headers that are set already go out too.</summary>
        internal void SetGrpcStatus(RpcException refusal)
        {
            var fields = response.Headers;
            if (response.HasStarted)
            {
                fields = TrailersOf(response) ?? throw new InvalidOperationException("gRPC is answered over HTTP/2, which has trailers.");
            }
            else
            {
                response.StatusCode = StatusCodes.Status200OK;
                response.ContentType = "application/grpc";
            }

            fields[StatusField] = ((int)refusal.StatusCode).ToString(CultureInfo.InvariantCulture);
            fields[MessageField] = Uri.EscapeDataString(refusal.Status.Detail);
            foreach (var entry in refusal.Trailers)
            {
                fields[entry.Key] = entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : Uri.EscapeDataString(entry.Value);
            }
        }
    }

    private static IHeaderDictionary? TrailersOf(HttpResponse response) =>
        response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
}
