using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Grpc.Reflection;

/// <summary>The descriptors behind the mapped services: their files with all imports, and what is found in which.</summary>
internal sealed class DescriptorIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);
    private readonly HashSet<string> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, FileDescriptor>> _extensions = new(StringComparer.Ordinal);

    public DescriptorIndex(EndpointDataSource endpoints)
    {
        var services = endpoints.Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType)
            .OfType<Type>()
            .Distinct()
            .Select(DescriptorOf)
            .OfType<ServiceDescriptor>()
            .ToList();

        foreach (var service in services)
        {
            Add(service.File);
        }

        Services = [.. services.Select(service => service.FullName).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>With their packages, in order.</summary>
    public IReadOnlyList<string> Services { get; }

    public FileDescriptor? FileNamed(string name) => _files.GetValueOrDefault(name);

    public FileDescriptor? FileWith(string symbol) => _symbols.GetValueOrDefault(symbol);

    public FileDescriptor? FileExtending(string type, int number) => _extensions.GetValueOrDefault(type)?.GetValueOrDefault(number);

    /// <summary>Null where there is no such message type.</summary>
    public IEnumerable<int>? ExtensionNumbersOf(string type) =>
        _extensions.TryGetValue(type, out var extensions) ? extensions.Keys : _types.Contains(type) ? [] : null;

    private static ServiceDescriptor? DescriptorOf(Type serviceType)
    {
        for (var type = serviceType; type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } attribute)
            {
                var descriptor = attribute.BindType.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static);
                return descriptor?.GetValue(null) as ServiceDescriptor;
            }
        }

        return null;    // a hand-written service has no descriptor
    }

    private void Add(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var dependency in file.Dependencies)
        {
            Add(dependency);
        }

        foreach (var service in file.Services)
        {
            AddSymbols([service, .. service.Methods]);
        }

        foreach (var type in file.MessageTypes)
        {
            Add(type);
        }

        Add(file.EnumTypes);
        Add(file.Extensions, file);
    }

    private void Add(MessageDescriptor type)
    {
        _types.Add(type.FullName);
        AddSymbols([type, .. type.Fields.InDeclarationOrder(), .. type.Oneofs]);
        Add(type.EnumTypes);
        Add(type.Extensions, type.File);

        foreach (var nested in type.NestedTypes)
        {
            Add(nested);
        }
    }

    private void Add(IEnumerable<EnumDescriptor> types)
    {
        foreach (var type in types)
        {
            AddSymbols([type, .. type.Values]);
        }
    }

    private void Add(ExtensionCollection extensions, FileDescriptor file)
    {
        foreach (var extension in extensions.UnorderedExtensions)
        {
            AddSymbols([extension]);

            if (!_extensions.TryGetValue(extension.ExtendeeType.FullName, out var ofType))
            {
                _extensions[extension.ExtendeeType.FullName] = ofType = [];
            }

            ofType[extension.FieldNumber] = file;
        }
    }

    private void AddSymbols(IEnumerable<IDescriptor> descriptors)
    {
        foreach (var descriptor in descriptors)
        {
            _symbols[descriptor.FullName] = descriptor.File;
        }
    }
}
