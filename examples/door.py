#!/usr/bin/python3
"""Calls the platform's gRPC port with an API key and no generated code: the port itself says what its methods take.

    ZOHO_PLATFORM_API_KEY=zp_... examples/door.py 127.0.0.1:8081 zohoplatform.tokens.v1.Connections/ListConnections '{}'

Debian: apt-get install python3-grpcio python3-protobuf
"""
import os
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory


def class_of(descriptor):
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory().GetPrototype(descriptor)  # before protobuf 4.22


def reflection():
    """The two messages of grpc.reflection.v1 that are needed here; Debian packs no generated ones."""
    file = descriptor_pb2.FileDescriptorProto(name="reflection.proto", package="grpc.reflection.v1", syntax="proto3")
    field = descriptor_pb2.FieldDescriptorProto
    request = file.message_type.add(name="ServerReflectionRequest")
    request.field.add(name="file_containing_symbol", number=4, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    files = file.message_type.add(name="FileDescriptorResponse")
    files.field.add(name="file_descriptor_proto", number=1, type=field.TYPE_BYTES, label=field.LABEL_REPEATED)
    answer = file.message_type.add(name="ServerReflectionResponse")
    answer.field.add(name="file_descriptor_response", number=4, type=field.TYPE_MESSAGE, label=field.LABEL_OPTIONAL,
                     type_name=".grpc.reflection.v1.FileDescriptorResponse")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    find = pool.FindMessageTypeByName
    return (class_of(find("grpc.reflection.v1.ServerReflectionRequest")), class_of(find("grpc.reflection.v1.ServerReflectionResponse")))


class Platform:
    def __init__(self, target, key):
        self._channel = grpc.insecure_channel(target)
        self._metadata = (("authorization", f"Bearer {key}"),)
        self._pool = descriptor_pool.DescriptorPool()

    def call(self, method, body="{}"):
        service, name = method.split("/")
        self._learn(service)
        described = self._pool.FindServiceByName(service).FindMethodByName(name)
        call = self._channel.unary_unary(
            f"/{method}",
            request_serializer=class_of(described.input_type).SerializeToString,
            response_deserializer=class_of(described.output_type).FromString)
        return call(json_format.Parse(body, class_of(described.input_type)()), metadata=self._metadata, timeout=30)

    def _learn(self, service):
        request, answer = reflection()
        ask = self._channel.stream_stream(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            request_serializer=request.SerializeToString, response_deserializer=answer.FromString)
        answered = next(ask(iter([request(file_containing_symbol=service)]), metadata=self._metadata, timeout=30))
        files = map(descriptor_pb2.FileDescriptorProto.FromString, answered.file_descriptor_response.file_descriptor_proto)
        self._add({file.name: file for file in files})

    def _add(self, files):
        while files:    # each after those that it imports
            ready = next(name for name, file in files.items() if not files.keys() & set(file.dependency))
            self._pool.Add(files.pop(ready))


if __name__ == "__main__":
    target, method, body = sys.argv[1:]
    try:
        print(json_format.MessageToJson(Platform(target, os.environ["ZOHO_PLATFORM_API_KEY"]).call(method, body)))
    except grpc.RpcError as refused:
        sys.exit(f"{refused.code().name}: {refused.details()}")
